//! Fills requests. RDS has seven calls that make a database and two that change one; most of what they take is the same,
//! and each has a builder of its own, so what is the same is said once and written out by a macro.

/// Sets properties of `$want` on a request: how the value is read, which setter takes it, which property it is.
macro_rules! set {
    ($request:expr, $want:expr; $($how:ident $setter:ident $name:literal),* $(,)?) => {
        $request$(.$setter($want.$how($name)?))*
    };
}

pub(super) use set;
