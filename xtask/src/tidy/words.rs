//! The ground declares no product nouns: what it knows must serve any product.

use syn::visit::Visit;

use super::source::Source;

const GROUND: &[&str] = &["base", "store", "privacy", "privacy-derive", "http"];

const NOUNS: &[&str] = &[
    "room",
    "task",
    "meeting",
    "message",
    "project",
    "space",
    "chat",
    "circle",
    "conference",
    "document",
    "conversation",
    "file",
];

/// `file` is also the file system's and the category of sealed files.
const EXCEPTIONS: &[(&str, &str)] =
    &[("File", "the category of sealed files"), ("data_file", "a file of the data folder")];

pub fn check(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|s| GROUND.contains(&s.of_crate()) && s.path.contains("/src/")) {
        if let Some(syntax) = &source.syntax {
            let mut visitor = Declared { path: &source.path, findings: &mut findings };
            visitor.visit_file(syntax);
        }
    }
    findings
}

struct Declared<'a> {
    path: &'a str,
    findings: &'a mut Vec<String>,
}

impl Declared<'_> {
    fn look(&mut self, kind: &str, name: &str) {
        if EXCEPTIONS.iter().any(|(word, _)| *word == name) {
            return;
        }
        let words = split(name);
        if let Some(noun) = NOUNS
            .iter()
            .filter(|noun| **noun != "file")
            .find(|noun| words.iter().any(|word| word == **noun || *word == format!("{noun}s")))
        {
            self.findings.push(format!("{}: {kind} {name} declares the product noun `{noun}`", self.path));
        }
    }
}

/// `RoomName` and `room_name` both say `room`, `name`.
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() {
            words.push(String::new());
        }
        if letter != '_' {
            words.last_mut().expect("there is one").extend(letter.to_lowercase());
        }
    }
    words
}

impl<'ast> Visit<'ast> for Declared<'_> {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.look("struct", &item.ident.to_string());
        syn::visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.look("enum", &item.ident.to_string());
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.look("trait", &item.ident.to_string());
        syn::visit::visit_item_trait(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.look("mod", &item.ident.to_string());
        syn::visit::visit_item_mod(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.look("fn", &item.sig.ident.to_string());
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.look("fn", &item.sig.ident.to_string());
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(name) = &field.ident {
            self.look("field", &name.to_string());
        }
    }
}
