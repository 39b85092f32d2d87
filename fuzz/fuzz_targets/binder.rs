//! See `bodies/binder.rs`.
#![no_main]

#[path = "../bodies/binder.rs"]
mod binder;

libfuzzer_sys::fuzz_target!(|data: &[u8]| binder::run(data));
