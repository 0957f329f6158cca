/// Health and metrics of a service, at the paths of Spring Boot's actuator, on a port of its own.
///
/// Health is asked for what is under way now, never for what was completed last: a service that has
/// nothing to do is up, and one whose work stands still is down although nothing has failed.
@NullMarked
package dev.penstock.management;

import org.jspecify.annotations.NullMarked;
