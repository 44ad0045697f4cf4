//! Who we are to a registry.

use common::engine::{Credential, CredentialError};
use oci_client::secrets::RegistryAuth;

/// What docker's configuration says of a registry.
pub(super) struct Login {
    auth: RegistryAuth,
    /// Why it says nothing of use.
    fault: Option<String>,
}

impl Login {
    /// Looks up the login for the registry at a host. One that is of no use is told only when the
    /// registry refuses us, as it may let anybody read.
    pub(super) fn look_up(host: &str) -> Self {
        Self::from(Credential::for_registry(host))
    }

    /// What the registry is told.
    pub(super) fn auth(&self) -> &RegistryAuth {
        &self.auth
    }

    /// What helps when the registry at `host` refuses us.
    pub(super) fn advice(&self, host: &str) -> String {
        match (&self.fault, &self.auth) {
            (Some(fault), _) => fault.clone(),
            (None, RegistryAuth::Anonymous) => format!("log in with `docker login {host}`"),
            (None, _) => format!(
                "the login in docker's configuration is not valid there, or not allowed to: log in \
                 again with `docker login {host}`"
            ),
        }
    }
}

impl From<Result<Credential, CredentialError>> for Login {
    fn from(credential: Result<Credential, CredentialError>) -> Self {
        let (auth, fault) = match credential {
            Ok(Credential::Anonymous) => (RegistryAuth::Anonymous, None),
            Ok(Credential::Password { username, password }) => {
                (RegistryAuth::Basic(username, password), None)
            }
            Ok(Credential::IdentityToken(_)) => (
                RegistryAuth::Anonymous,
                Some("the login in docker's configuration is an identity token, which is not understood".to_owned()),
            ),
            Err(error) => (RegistryAuth::Anonymous, Some(error.to_string())),
        };
        Self { auth, fault }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_says_what_is_wrong_with_the_login_and_never_the_login() {
        let password = Credential::Password {
            username: "ci".to_owned(),
            password: "hunter22".to_owned(),
        };
        let advice = |credential| Login::from(Ok(credential)).advice("r.example");
        assert_eq!(
            advice(Credential::Anonymous),
            "log in with `docker login r.example`"
        );
        assert!(advice(password).starts_with("the login in docker's configuration is not valid"));
        let token = advice(Credential::IdentityToken("hunter22".to_owned()));
        assert!(token.contains("identity token") && !token.contains("hunter22"));
    }
}
