/// Answers by language models: Spring AI's `ChatClient` over an OpenAI-compatible server or
/// Anthropic. A cancelled answer closes its connection to the provider at once; an answer that the
/// provider did not finish is never taken for a whole one.
@NullMarked
package dev.penstock.answers.model;

import org.jspecify.annotations.NullMarked;
