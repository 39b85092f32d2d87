//! Data of `stdlib/` made into static tables.

#[path = "build/catalogue.rs"]
mod catalogue;
#[path = "build/families.rs"]
mod families;

fn main() {
    catalogue::generate();
    families::generate();
}
