#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kloud_media::fuzz::check(bytes));
