#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kloud_sfu::fuzz::opus(bytes));
