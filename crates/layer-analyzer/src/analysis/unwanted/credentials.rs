//! Files that tell secrets, by their paths: the table. Patterns are those of `paths`.

use super::super::rules::{Rule, Weight};
use super::paths::PathRule;

/// Files that tell secrets.
pub(crate) const CREDENTIALS: [PathRule; 4] = [
    credentials(
        Rule {
            id: "credential-file",
            weight: Weight::Warning,
            what: "a file that programs keep credentials in",
            advice: "change what is in it, and mount it with `RUN --mount=type=secret` or when a container starts",
            source: "https://docs.docker.com/build/building/secrets/",
        },
        ".aws/credentials .azure/accessTokens.json .azure/msal_token_cache.json \
         .config/gcloud/credentials.db .config/gcloud/access_tokens.db \
         .config/gcloud/application_default_credentials.json .config/gcloud/legacy_credentials/ \
         .config/gh/hosts.yml .config/rclone/rclone.conf .cargo/credentials \
         .cargo/credentials.toml .gem/credentials .git-credentials .kube/config .my.cnf \
         .mylogin.cnf .netrc .pgpass .pypirc .s3cfg .terraform.d/credentials.tfrc.json \
         .vault-token .htpasswd .gnupg/private-keys-v1.d/ .gnupg/secring.gpg *.kdbx *.tfstate \
         *.p12 *.pfx *.jks *.keystore",
        false,
    ),
    credentials(
        Rule {
            id: "env-file",
            weight: Weight::Warning,
            what: "a file of environment variables, which are secrets as a rule",
            advice: "name it in `.dockerignore`, and hand it to containers with `--env-file`",
            source: "https://docs.docker.com/compose/how-tos/environment-variables/best-practices/",
        },
        ".env .env.* !.env.*example !.env.example* !.env.sample* !.env.template* !.env.dist \
         !.env.default* !.env.*.js !.env.*.ts !.env.js !.env.ts !.env.d.ts",
        false,
    ),
    credentials(
        Rule {
            id: "private-file",
            weight: Weight::Note,
            what: "a file of somebody's own: histories of shells, settings of ssh or of a registry",
            advice: "delete it in the instruction that makes it, or name it in `.dockerignore`",
            source: "https://docs.docker.com/build/concepts/context/#dockerignore-files",
        },
        ".bash_history .ash_history .zsh_history .python_history .node_repl_history \
         .mysql_history .psql_history .rediscli_history .viminfo .ssh/config .ssh/known_hosts \
         .docker/config.json .dockercfg",
        false,
    ),
    credentials(
        Rule {
            id: "key-file",
            weight: Weight::Warning,
            what: "a file that keeps a private key, as its path says; its content was not read",
            advice: "read the contents with `--verify`; mount keys when a container starts, or with `RUN --mount=type=ssh`",
            source: "https://docs.docker.com/build/building/secrets/",
        },
        "id_rsa id_dsa id_ecdsa id_ecdsa_sk id_ed25519 id_ed25519_sk /etc/ssh/ssh_host_*_key \
         /etc/ssl/private/ *.key *.ppk .npmrc",
        true,
    ),
];

const fn credentials(rule: Rule, patterns: &'static str, is_by_content: bool) -> PathRule {
    PathRule {
        rule,
        bytes_min: 0,
        patterns,
        is_by_content,
    }
}
