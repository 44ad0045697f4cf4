//! Answers of the Engine's API that bollard's types cannot hold.
//!
//! bollard 0.21 knows `system/df` of API 1.52 and later, where the build cache is elsewhere than in all
//! earlier ones.

use bollard::errors::Error as ApiError;
use hyper::Request;
use hyper::body::{Body, Incoming};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::pin::Pin;

use super::Engine;
use super::connect::send;

/// What the Engine answers when it refuses.
#[derive(Deserialize)]
struct Refusal {
    message: String,
}

impl Engine {
    /// Reads what `path` of the API answers, such as `/system/df`, in the newest version that the
    /// Engine speaks.
    ///
    /// # Errors
    ///
    /// The Engine does not answer, refuses, or answers something else than a `T`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        let request = Request::get(path).body(String::new())?;
        let response = send(self.endpoint.clone(), request).await?;
        let status = response.status();
        let body = read(response.into_body()).await?;
        if !status.is_success() {
            let refusal = serde_json::from_slice::<Refusal>(&body);
            return Err(ApiError::DockerResponseServerError {
                status_code: status.as_u16(),
                message: refusal.map_or_else(|_| status.to_string(), |refusal| refusal.message),
            });
        }
        Ok(serde_json::from_slice(&body)?)
    }
}

async fn read(mut body: Incoming) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(frame) =
        std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        let frame = frame.map_err(|err| ApiError::HyperResponseError { err })?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}
