#!/usr/bin/env -S deno run --allow-env=MCP_MESH_*
/** An agent that offers what the official conformance suite asks of a server. */
import { agent, elicit, listRoots, prompt, resource, sample, tool } from "mesh";
import { z } from "zod";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const BEEP = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

const text = (value: string) => ({ content: [{ type: "text", text: value }] });
const name = z.object({ name: z.string() });
const accepted = (answer: { action: string; content?: unknown }) =>
  `${answer.action}: ${JSON.stringify(answer.content ?? {})}`;

const MANY_KEYWORDS = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  then: { required: ["phone"] },
  else: { required: ["email"] },
};

const self = agent({
  name: "conformance",
  description: "Offers what the official conformance suite asks of a server",
  instructions: "Every tool here is for tests.",
  sessions: true,
  tools: {
    test_simple_text: tool(
      { description: "Answers text" },
      () => text("This is a simple text response for testing."),
    ),
    test_image_content: tool(
      { description: "Answers an image" },
      () => ({ type: "image", data: PIXEL, mimeType: "image/png" }),
    ),
    test_audio_content: tool(
      { description: "Answers sound" },
      () => ({ type: "audio", data: BEEP, mimeType: "audio/wav" }),
    ),
    test_embedded_resource: tool({ description: "Answers a resource" }, () => ({
      type: "resource",
      resource: {
        uri: "test://embedded-resource",
        mimeType: "text/plain",
        text: "This is an embedded resource content.",
      },
    })),
    test_multiple_content_types: tool({ description: "Answers several kinds at once" }, () => ({
      content: [
        { type: "text", text: "Multiple content types test:" },
        { type: "image", data: PIXEL, mimeType: "image/png" },
        {
          type: "resource",
          resource: {
            uri: "test://mixed-content-resource",
            mimeType: "application/json",
            text: JSON.stringify({ test: "data", value: 123 }),
          },
        },
      ],
    })),
    test_tool_with_logging: tool({ description: "Logs while it runs" }, (_, { log }) => {
      log.info("Tool execution started");
      log.info("Tool processing data");
      log.info("Tool execution completed");
      return text("logged");
    }),
    test_error_handling: tool({ description: "Fails" }, () => {
      throw new Error("This tool intentionally returns an error for testing");
    }),
    test_tool_with_progress: tool({ description: "Reports progress" }, (_, { progress }) => {
      progress(0, 100);
      progress(50, 100);
      progress(100, 100);
      return text("done");
    }),
    test_sampling: tool({
      description: "Has the client's model write",
      input: z.object({ prompt: z.string() }),
    }, async ({ prompt }, { ask }) => {
      const { written } = await ask({
        written: sample({
          messages: [{ role: "user", content: { type: "text", text: prompt } }],
          maxTokens: 100,
        }),
      });
      return text(`LLM response: ${JSON.stringify(written.content)}`);
    }),
    test_elicitation: tool({
      description: "Asks a person",
      input: z.object({ message: z.string() }),
    }, async ({ message }, { ask }) => {
      const { filled } = await ask({
        filled: elicit(
          message,
          z.object({
            username: z.string().describe("User's response"),
            email: z.string().describe("User's email address"),
          }),
        ),
      });
      return text(`User response: ${accepted(filled)}`);
    }),
    test_elicitation_sep1034_defaults: tool({
      description: "Asks with defaults",
    }, async (_, { ask }) => {
      const { filled } = await ask({
        filled: elicit(
          "Please review and update the form fields with defaults",
          z.object({
            name: z.string().default("John Doe").describe("User name"),
            age: z.int().default(30).describe("User age"),
            score: z.number().default(95.5).describe("User score"),
            status: z.enum(["active", "inactive", "pending"]).default("active").describe("Status"),
            verified: z.boolean().default(true).describe("Verification status"),
          }),
        ),
      });
      return text(`Elicitation completed: ${accepted(filled)}`);
    }),
    test_elicitation_sep1330_enums: tool({
      description: "Asks for choices",
    }, async (_, { ask }) => {
      const titled = ["1", "2", "3"].map((n) => ({ const: `value${n}`, title: `Option ${n}` }));
      const plain = ["option1", "option2", "option3"];
      const { filled } = await ask({
        filled: elicit("Please choose", {
          type: "object",
          properties: {
            untitledSingle: { type: "string", enum: plain },
            titledSingle: { type: "string", oneOf: titled },
            legacyEnum: {
              type: "string",
              enum: ["opt1", "opt2", "opt3"],
              enumNames: ["Option One", "Option Two", "Option Three"],
            },
            untitledMulti: { type: "array", items: { type: "string", enum: plain } },
            titledMulti: { type: "array", items: { anyOf: titled } },
          },
          required: [],
        }),
      });
      return text(`Elicitation completed: ${accepted(filled)}`);
    }),
    json_schema_2020_12_tool: tool({
      description: "Tool with JSON Schema 2020-12 features",
      input: z.strictObject({ name: z.string().optional() }).meta(MANY_KEYWORDS),
    }, () => text("ok")),
    test_custom_headers: tool({
      description: "Has an argument that is repeated in a header",
      input: z.object({ region: z.string().meta({ "x-mcp-header": "Region" }) }),
    }, ({ region }) => text(region)),
    test_logging_tool: tool({ description: "Logs" }, (_, { log }) => {
      log.info("working");
      return text("logged");
    }),
    test_streaming_elicitation: tool({
      description: "Reports progress, then asks",
    }, async (_, { progress, ask }) => {
      progress(1, 2);
      await ask({ confirm: elicit("Please confirm", z.object({ ok: z.boolean() })) });
      return text("confirmed");
    }),
    test_missing_capability: tool({ description: "Needs sampling" }, async (_, { ask }) => {
      await ask({
        written: sample({
          messages: [{ role: "user", content: { type: "text", text: "hello" } }],
          maxTokens: 10,
        }),
      });
      return text("sampled");
    }),
    test_trigger_tool_change: tool({ description: "Changes the tools" }, () => {
      if (!self.tools.remove("added")) {
        self.tools.add(
          "added",
          tool({ description: "Added" }, () => text("added")),
        );
      }
      return text("changed");
    }),
    test_trigger_prompt_change: tool({ description: "Changes the prompts" }, () => {
      if (!self.prompts.remove("added")) {
        self.prompts.add(
          "added",
          prompt({ description: "Added" }, () => "added"),
        );
      }
      return text("changed");
    }),
    test_input_required_result_elicitation: tool(
      { description: "Asks for a name" },
      async (_, { ask }) => {
        const { user_name } = await ask({ user_name: elicit("What is your name?", name) });
        return text(
          user_name.action === "accept" ? `Hello, ${user_name.content.name}!` : "Hello, stranger!",
        );
      },
    ),
    test_input_required_result_sampling: tool(
      { description: "Asks the client's model" },
      async (_, { ask }) => {
        const { capital_question } = await ask({
          capital_question: sample({
            messages: [{
              role: "user",
              content: { type: "text", text: "What is the capital of France?" },
            }],
            maxTokens: 100,
          }),
        });
        return text(JSON.stringify(capital_question.content));
      },
    ),
    test_input_required_result_list_roots: tool(
      { description: "Asks for the roots" },
      async (_, { ask }) => {
        const { client_roots } = await ask({ client_roots: listRoots() });
        return text(`${client_roots.length} roots`);
      },
    ),
    test_input_required_result_request_state: tool(
      { description: "Keeps a state" },
      async (_, { ask }) => {
        await ask({ confirm: elicit("Please confirm", z.object({ ok: z.boolean() })) });
        return text("state-ok");
      },
    ),
    test_input_required_result_multiple_inputs: tool(
      { description: "Asks several things at once" },
      async (_, { ask }) => {
        const answers = await ask({
          user_name: elicit("What is your name?", name),
          greeting: sample({
            messages: [{ role: "user", content: { type: "text", text: "Generate a greeting" } }],
            maxTokens: 50,
          }),
          client_roots: listRoots(),
        });
        return text(Object.keys(answers).join(", "));
      },
    ),
    test_input_required_result_multi_round: tool(
      { description: "Asks twice" },
      async (_, { ask }) => {
        const { step1 } = await ask({ step1: elicit("Step 1: What is your name?", name) });
        const { step2 } = await ask({
          step2: elicit("Step 2: What is your favorite color?", z.object({ color: z.string() })),
        });
        return text(`${accepted(step1)}, ${accepted(step2)}`);
      },
    ),
    test_input_required_result_tampered_state: tool(
      { description: "Keeps a signed state" },
      async (_, { ask }) => {
        await ask({ confirm: elicit("Please confirm", z.object({ ok: z.boolean() })) });
        return text("confirmed");
      },
    ),
    test_input_required_result_capabilities: tool({
      description: "Asks what the client can answer",
    }, async (_, { ask, client }) => {
      const can = (name: string) => client?.capabilities[name] !== undefined;
      if (can("elicitation")) await ask({ user_name: elicit("What is your name?", name) });
      if (can("sampling")) {
        await ask({
          written: sample({
            messages: [{ role: "user", content: { type: "text", text: "hello" } }],
            maxTokens: 10,
          }),
        });
      }
      return text("asked what can be asked");
    }),
  },
  prompts: {
    test_simple_prompt: prompt(
      { description: "Simple" },
      () => "This is a simple prompt for testing.",
    ),
    test_prompt_with_arguments: prompt({
      description: "With arguments",
      args: z.object({
        arg1: z.string().describe("First test argument"),
        arg2: z.string().describe("Second test argument"),
      }),
      complete: { arg1: (value) => ["paris", "park", "party"].filter((s) => s.startsWith(value)) },
    }, ({ arg1, arg2 }) => `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`),
    test_prompt_with_embedded_resource: prompt({
      description: "With a resource",
      args: z.object({ resourceUri: z.string().describe("URI of the resource to embed") }),
    }, ({ resourceUri }) => [
      {
        role: "user",
        content: {
          type: "resource",
          resource: { uri: resourceUri, mimeType: "text/plain", text: "Embedded resource content" },
        },
      },
      {
        role: "user",
        content: { type: "text", text: "Please process the embedded resource above." },
      },
    ]),
    test_prompt_with_image: prompt({ description: "With an image" }, () => [
      { role: "user", content: { type: "image", data: PIXEL, mimeType: "image/png" } },
      { role: "user", content: { type: "text", text: "Please analyze the image above." } },
    ]),
    test_input_required_result_prompt: prompt(
      { description: "Asks for context" },
      async (_, { ask }) => {
        const { user_context } = await ask({
          user_context: elicit(
            "What context should the prompt use?",
            z.object({ context: z.string() }),
          ),
        });
        return `Use this context: ${accepted(user_context)}`;
      },
    ),
  },
  resources: {
    "static-text": resource(
      { uri: "test://static-text", title: "Static text", mimeType: "text/plain" },
      () => "This is the content of the static text resource.",
    ),
    "static-binary": resource(
      { uri: "test://static-binary", title: "Static binary", mimeType: "image/png" },
      () => Uint8Array.fromBase64(PIXEL),
    ),
    template: resource({
      uri: "test://template/{id}/data",
      title: "Template",
      mimeType: "application/json",
    }, ({ id }) => ({ id, templateTest: true, data: `Data for ID: ${id}` })),
    "watched-resource": resource(
      { uri: "test://watched-resource", mimeType: "text/plain" },
      () => "Watched resource content",
    ),
  },
});

export default self;
