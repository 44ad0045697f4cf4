//! Secrets, ssh agents, named contexts, contexts that are sent once.
