use kloud_privacy::audit::{Form, scan_folder};

#[test]
fn every_file_below_a_folder_is_searched() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
    std::fs::write(folder.path().join("clean"), "nothing here").unwrap();
    std::fs::write(folder.path().join("a/plain"), "x canary-one y").unwrap();
    std::fs::write(folder.path().join("a/b/hex"), data_encoding::HEXLOWER.encode(b"canary-two")).unwrap();
    let mut found = scan_folder(folder.path(), &["canary-one", "canary-two"]).unwrap();
    found.sort_by_key(|finding| finding.word);
    let found: Vec<_> = found.iter().map(|finding| (finding.word, finding.form)).collect();
    assert_eq!(found, [(0, Form::Plain), (1, Form::HexLower)]);
}
