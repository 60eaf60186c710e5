using System.Text.Json;
using System.Text.Json.Nodes;
using Mnist.Inference.Model;

namespace Mnist.Training;

/// <summary>Training options as JSON. Omitted members keep their default; unknown members are errors.</summary>
public static class Recipe
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>JSON of all options that decide the result, that is, all but the threads. A named architecture is written as its name.</summary>
    public static string Format(TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var members = ToJson(options);
        members.Remove("threads");
        if (Architectures.NameOf(options.Architecture) is { } name)
        {
            members["architecture"] = name;
        }

        return members.ToJsonString(Indented);
    }

    /// <summary>Reads a recipe file.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is not a recipe; the message names the file, what was found and what was expected.</exception>
    public static TrainingOptions Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>Parses a recipe.</summary>
    /// <exception cref="InvalidDataException">The text is not a recipe; the message says what was found and what was expected.</exception>
    internal static TrainingOptions Parse(string json)
    {
        // The merge is done on JSON, because the serializer would give omitted members the default of their type.
        var members = ToJson(new TrainingOptions());
        try
        {
            var found = JsonNode.Parse(json, documentOptions: Strict) as JsonObject
                ?? throw new InvalidDataException("not a recipe, expected a JSON object like {\"epochs\": 20}");
            Merge(found, members, string.Empty);
            return members.Deserialize(TrainingOptionsJson.Default.TrainingOptions)!;
        }
        catch (JsonException exception) when (exception.Path?.Split('.') is ["$", .. string[] path])
        {
            var value = path.Aggregate((JsonNode?)members, (node, name) => node?[name]);
            throw new InvalidDataException($"'{string.Join('.', path)}' cannot be {value?.ToJsonString()}", exception);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"not valid JSON: {exception.Message}", exception);
        }
        catch (InvalidArchitectureException exception)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
    }

    internal static JsonObject ToJson(TrainingOptions options) =>
        (JsonObject)JsonSerializer.SerializeToNode(options, TrainingOptionsJson.Default.TrainingOptions)!;

    private static void Merge(JsonObject from, JsonObject into, string prefix)
    {
        foreach (var (name, value) in from)
        {
            if (!into.TryGetPropertyValue(name, out var known))
            {
                throw new InvalidDataException($"'{prefix}{name}' is no option, expected {string.Join(", ", into.Select(member => member.Key))}");
            }

            if (value is null)
            {
                throw new InvalidDataException($"'{prefix}{name}' is null, leave it out for its default");
            }

            if (name == "augmentation" && value is JsonObject part)
            {
                Merge(part, (JsonObject)known!, $"{name}.");
            }
            else
            {
                into[name] = value.DeepClone();
            }
        }
    }
}
