/// What the gateway's calls share: the way to an upstream, bounded bodies, errors and CORS.
@NullMarked
package dev.penstock.gateway.http;

import org.jspecify.annotations.NullMarked;
