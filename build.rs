//! Data of `stdlib/` made into static tables.

#[path = "build/catalogue.rs"]
mod catalogue;
#[path = "build/families.rs"]
mod families;
#[path = "build/help_texts.rs"]
mod help_texts;

fn main() {
    catalogue::generate();
    families::generate();
    help_texts::generate();
}
