//! Roles and what they hold; who may change the store; that no cmdlet is unguarded.

mod cmdlets;
mod grants;
mod matrix;
mod scoped;
mod unguarded;
