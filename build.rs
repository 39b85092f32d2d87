//! Data of `stdlib/` made into static tables.

#[path = "build/families.rs"]
mod families;

fn main() {
    families::generate();
}
