#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kloud_sfu::fuzz::congestion(bytes, std::time::Instant::now()));
