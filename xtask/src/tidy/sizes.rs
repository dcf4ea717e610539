//! Files of at most 800 lines and functions of at most 80, so that a newcomer finds a place within a minute.

use syn::spanned::Spanned;
use syn::visit::Visit;

use super::source::Source;

const FILE: usize = 800;
const FUNCTION: usize = 80;

/// By name, with a reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

pub fn check(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| !EXCEPTIONS.iter().any(|(path, _)| *path == source.path)) {
        let lines = source.text.lines().count();
        if lines > FILE && !source.is_test() {
            findings.push(format!("{} has {lines} lines, {FILE} at most", source.path));
        }
        if source.is_test() {
            continue;
        }
        match &source.syntax {
            Some(syntax) => {
                let mut visitor = Functions { path: &source.path, findings: &mut findings };
                visitor.visit_file(syntax);
            }
            None => findings.push(format!("{} is no Rust", source.path)),
        }
    }
    findings
}

struct Functions<'a> {
    path: &'a str,
    findings: &'a mut Vec<String>,
}

impl Functions<'_> {
    fn look(&mut self, name: &syn::Ident, block: &syn::Block) {
        let lines = block.span().end().line - block.span().start().line + 1;
        if lines > FUNCTION {
            self.findings.push(format!("{}: fn {name} has {lines} lines, {FUNCTION} at most", self.path));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.look(&item.sig.ident, &item.block);
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        // A migration is a list, frozen; its length says nothing.
        if !(self.path.contains("/migrations/") && item.sig.ident == "up") {
            self.look(&item.sig.ident, &item.block);
        }
        syn::visit::visit_impl_item_fn(self, item);
    }
}
