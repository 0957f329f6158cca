/// What is written for clusters agrees with what the services are: every variable with a key, every
/// port and path with an endpoint; and the images run.
@NullMarked
package dev.penstock.deployment;

import org.jspecify.annotations.NullMarked;
