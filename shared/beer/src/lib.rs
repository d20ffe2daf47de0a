//! beer
