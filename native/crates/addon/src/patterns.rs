//! The address of the regular expressions' functions, for the C++ addon of the same process.

use napi::bindgen_prelude::BigInt;
use napi_derive::napi;
use penstock_patterns::ffi::TABLE;

/// Where the table of functions is: handed to the C++ addon once, used by it without JavaScript.
#[napi]
pub fn regex_abi_address() -> BigInt {
    BigInt::from(&raw const TABLE as u64)
}
