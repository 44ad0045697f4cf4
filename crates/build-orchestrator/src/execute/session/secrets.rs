//! Serves the secrets of a target. A value is read when BuildKit asks for it, and kept nowhere.

use bollard_buildkit_proto::moby::buildkit::secrets::v1::secrets_server;
use bollard_buildkit_proto::moby::buildkit::secrets::v1::{GetSecretRequest, GetSecretResponse};
use tonic::{Request, Response, Status};

use crate::execute::supplies::secret_value;
use crate::model::plan::Secret;

/// The secrets of a target.
#[derive(Clone, Debug)]
pub(super) struct SecretServer(pub(super) Vec<Secret>);

#[tonic::async_trait]
impl secrets_server::Secrets for SecretServer {
    async fn get_secret(
        &self,
        request: Request<GetSecretRequest>,
    ) -> Result<Response<GetSecretResponse>, Status> {
        let id = request.into_inner().id;
        let secret = self.0.iter().find(|secret| secret.id == id);
        // BuildKit passes over a secret that is not there unless the Dockerfile requires it.
        let secret =
            secret.ok_or_else(|| Status::not_found(format!("the target has no secret `{id}`")))?;
        let data =
            secret_value(secret).map_err(|error| Status::failed_precondition(error.to_string()))?;
        Ok(Response::new(GetSecretResponse { data }))
    }
}
