using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Mnist.Api.OpenApi;

/// <summary>
/// An example of every response: <c>examples.json</c>, by operation, status (or <c>request</c>) and name. Examples of errors
/// have the names of their types. A test makes a server give each of them.
/// </summary>
internal static class ContractExamples
{
    private const string Request = "request";

    private static readonly JsonObject Operations = Load();

    /// <summary>Adds the examples of one operation.</summary>
    public static void AddTo(OpenApiOperation operation)
    {
        foreach (var (place, examples) in Operations[operation.OperationId ?? string.Empty]?.AsObject() ?? [])
        {
            var content = place == Request ? operation.RequestBody?.Content : operation.Responses?[place].Content;
            foreach (var mediaType in content?.Values.OfType<OpenApiMediaType>() ?? [])
            {
                mediaType.Examples = examples!.AsObject().ToDictionary(
                    example => example.Key, IOpenApiExample (example) => new OpenApiExample { Value = example.Value!.DeepClone() });
            }
        }
    }

    private static JsonObject Load()
    {
        using var file = typeof(ContractExamples).Assembly.GetManifestResourceStream("examples.json")!;
        var operations = JsonNode.Parse(file)!.AsObject();

        // Both endpoints share the intake, and so its errors.
        var read = operations["Read"]!.AsObject();
        foreach (var (place, examples) in operations["Classify"]!.AsObject().Where(entry => !read.ContainsKey(entry.Key)).ToList())
        {
            read[place] = examples!.DeepClone();
        }

        return operations;
    }
}
