//! Packages are made and opened.
