//! The permissions that the calls of this family need.

use super::{change::must_be_provoked, policy::INVOKE};
use crate::{
    connection::Design,
    policy::grant::{Grant, Purpose},
};

/// The permissions on the function that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.function_arn();
    let mut grants = vec![Grant::new(
        &["lambda:GetFunction", "lambda:GetPolicy"],
        &arn,
    )];
    match purpose {
        Purpose::Setup => {
            grants.push(Grant::new(
                &[
                    "lambda:CreateFunction",
                    "lambda:TagResource",
                    "lambda:AddPermission",
                ],
                &arn,
            ));
            if must_be_provoked(design) {
                grants.push(waking(design));
            }
        }
        Purpose::Remove => grants.push(Grant::new(&["lambda:DeleteFunction"], &arn)),
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    grants
}

/// The permission to see the tags of the function, which say what version of the program it runs.
#[must_use]
pub(crate) fn tags(design: &Design) -> Grant {
    Grant::new(&["lambda:ListTags"], design.function_arn())
}

/// The permission to make the function sign in.
#[must_use]
pub(crate) fn waking(design: &Design) -> Grant {
    Grant::new(&[INVOKE], design.function_arn())
}
