mod cloud;
mod engine;
mod policy;
mod resource;
mod stack;

fn main() {}
