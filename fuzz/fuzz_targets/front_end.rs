//! See `bodies/front_end.rs`.
#![no_main]

#[path = "../bodies/front_end.rs"]
mod front_end;

libfuzzer_sys::fuzz_target!(|data: &[u8]| front_end::run(data));
