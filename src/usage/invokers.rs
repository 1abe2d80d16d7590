//! The services that stand between a client and the service that it asks for.

use crate::invocation::REST_WRAPPER;

/// They take the name of a service and its request: how a service is called, and none that anyone
/// would look up.
///
/// Source: the services of Zato 2.0 to 4.1.
const INVOKERS: [&str; 7] = [
    REST_WRAPPER,
    "zato.service.invoke",
    "zato.service.rpc-service-invoker",
    "pub.zato.channel.json-rpc.gateway",
    "helpers.service-gateway",
    "helpers.web-sockets-gateway",
    "helpers.web-sockets-pub-sub-gateway",
];

/// Whether this service only calls the one that was asked for.
#[must_use]
pub fn is_invoker(service: &str) -> bool {
    INVOKERS.contains(&service)
}
