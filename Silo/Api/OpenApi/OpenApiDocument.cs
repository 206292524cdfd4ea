using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using PiGrid.Api;
using PiGrid.Silo.Api.OpenAi;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Api.OpenApi;

/// <summary>The OpenAPI 3.1 document of <see cref="Operations"/>.</summary>
internal static partial class OpenApiDocument
{
    // What the gate in front of every operation with a key can answer.
    private static readonly int[] ErrorsOfKeys = [401, 403, 429], ErrorsOfAll = [500, 503, 507];

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter { get; }

    /// <summary>The document.</summary>
    public static JsonObject Write(IEnumerable<Operation> operations)
    {
        var schemas = new Schemas();
        var paths = new JsonObject();
        foreach (var path in operations.GroupBy(operation => operation.Path))
        {
            paths[path.Key] = new JsonObject(path.Select(operation =>
                KeyValuePair.Create(operation.Method.ToLowerInvariant(), (JsonNode?)Describe(operation, schemas))));
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "PiGrid",
                ["version"] = SiloHost.Version,
                ["description"] = "Jobs, models and nodes of a grid under /api, online inference by the Open Inference Protocol under /v2, files of calls as OpenAI's clients send them under /v1. Members that are null are left out; unknown members are ignored.",
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.ToJson(),
                ["securitySchemes"] = new JsonObject { ["key"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key." } },
            },
        };
    }

    private static JsonObject Describe(Operation operation, Schemas schemas)
    {
        var description = new JsonObject
        {
            ["summary"] = operation.Summary,
            ["tags"] = new JsonArray(operation.Path.Split('/')[1]),
            ["operationId"] = $"{operation.Method.ToLowerInvariant()}{string.Concat(operation.Path.Split('/', '.').Select(Word))}",
        };
        if (operation.Scopes.Count > 0)
        {
            description["description"] = $"Needs a key with the scope {string.Join(" or ", operation.Scopes.Select(scope => scope.ToString().ToLowerInvariant()))}.";
        }

        description["security"] = operation.IsOpen ? new JsonArray() : new JsonArray(new JsonObject { ["key"] = new JsonArray() });
        description["parameters"] = new JsonArray(
        [
            .. Parameter.Matches(operation.Path).Select(match => Describe(match.Groups[1].Value, "path", null)),
            .. operation.Queries.Select(query => Describe(query.Name, "query", query.What)),
            .. operation.Headers.Select(header => Describe(header.Name, "header", header.What)),
        ]);
        if (operation.Body is { } body)
        {
            description["requestBody"] = new JsonObject { ["required"] = !operation.IsBodyOptional, ["content"] = Describe(body, schemas) };
        }

        description["responses"] = Responses(operation, schemas);
        return description;
    }

    private static JsonObject Responses(Operation operation, Schemas schemas)
    {
        var responses = new SortedDictionary<int, JsonNode?>();
        foreach (var (status, content) in operation.Answers)
        {
            responses[status] = Describe(status, content, schemas);
        }

        var error = new Content(Operation.Json, ErrorOf(operation.Path));
        foreach (var status in operation.Errors.Concat(operation.IsOpen ? [] : ErrorsOfKeys).Concat(ErrorsOfAll))
        {
            // A request for headers alone is answered without a body.
            responses.TryAdd(status, Describe(status, operation.Method == "HEAD" ? null : error, schemas));
        }

        return new JsonObject(responses.Select(response => KeyValuePair.Create(response.Key.ToString(CultureInfo.InvariantCulture), response.Value)));
    }

    private static Type ErrorOf(string path) =>
        path.StartsWith("/v1/", StringComparison.Ordinal) ? typeof(OpenAiError)
        : path.StartsWith("/v2", StringComparison.Ordinal) ? typeof(InferError)
        : typeof(ApiError);

    private static JsonObject Describe(int status, Content? content, Schemas schemas)
    {
        var response = new JsonObject { ["description"] = status == 499 ? "The caller went away" : ReasonPhrases.GetReasonPhrase(status) };
        if (content is not null)
        {
            response["content"] = Describe(content, schemas);
        }

        return response;
    }

    private static JsonObject Describe(Content content, Schemas schemas) => new()
    {
        [content.MediaType] = content.Type is { } type ? new JsonObject { ["schema"] = schemas.Refer(type) } : new JsonObject(),
    };

    private static JsonObject Describe(string name, string place, string? what)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["required"] = place == "path", ["schema"] = new JsonObject { ["type"] = "string" } };
        if (what is not null)
        {
            parameter["description"] = what;
        }

        return parameter;
    }

    private static string Word(string part) => part.Trim('{', '}') is { Length: > 0 } word ? char.ToUpperInvariant(word[0]) + word[1..] : "";
}
