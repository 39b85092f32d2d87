//! What the whole must show, with the real binary on a lab: the seeds' commands as their pages print them, the daily
//! pipelines, the questions about access, and bad input that has no other place.

mod access;
mod pipelines;
mod seeds;
mod unavailable;
