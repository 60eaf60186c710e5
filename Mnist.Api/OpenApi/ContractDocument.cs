using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Mnist.Api.Controllers;
using Mnist.Api.Errors;
using Mnist.Api.Intake;
using Mnist.Api.Kestrel;
using Mnist.Api.Operations;
using Mnist.Api.Security;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Lines;
using Mnist.Core.Requests;
using Mnist.Core.Settings;

namespace Mnist.Api.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>.</summary>
internal static class ContractDocument
{
    private const string Description =
        "Classifies images of handwritten digits. Every error is a problem (RFC 9457) whose type never changes; an unknown path gives 404, a wrong method 405.";

    private const string KeyScheme = "key";

    public static void AddContractDocument(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractJson.Default);
            options.SerializerOptions.TypeInfoResolverChain.Insert(1, ProblemJson.Default);
            options.SerializerOptions.TypeInfoResolverChain.Insert(2, OperationsJson.Default);
            options.SerializerOptions.TypeInfoResolverChain.Insert(3, RequestSchemaJson.Default);
        });
        services.AddOpenApi("v1", options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo { Title = "Mnist", Version = "v1", Description = Description };
                document.Components ??= new OpenApiComponents();
                document.AddComponent(KeyScheme, new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "A key, where the operator has set some: Authorization: Bearer KEY.",
                });
                return Task.CompletedTask;
            });
            options.AddOperationTransformer(DescribeClassifyAsync);
            options.AddOperationTransformer(DescribeProblems);
            options.AddOperationTransformer(DescribeKey);
        });
    }

    /// <summary>The controllers read query and body themselves, so the framework does not know them.</summary>
    private static async Task DescribeClassifyAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (operation.OperationId is not ("Classify" or "Read"))
        {
            return;
        }

        bool isLine = operation.OperationId == "Read";
        operation.Summary = isLine ? "Reads lines of handwritten digits." : "Classifies images of handwritten digits.";
        operation.Description = "Before the body is read, requests are rejected in this order: server full (503), API key (401, 429), media type (415), length (413). "
            + "The header Request-Timeout lowers the deadline, in seconds; Mnist-Model-Version in the answer names the version of the model.";
        operation.Parameters = isLine ? [] :
        [
            Switch(ClassifyController.ProbabilitiesName, "Adds the scores of the digits 0 to 9 to each response."),
            Switch(
                AdmissionGate.NormalizeName,
                "Takes images of any size up to 12 megapixels, any colour and orientation: the digit is found, cropped and brought to 28x28 pixels as MNIST's are."),
            Switch(
                ClassifyController.PreviewName,
                "Adds the 28x28 pixels that the network saw (preview, a PNG file) and where they come from (box, in pixels of the upright original) to each response."),
            Switch(
                ImageRequest.RejectName,
                "Adds to each response whether the image is a digit at all (digit) and, where it is not, why: low_confidence (it may be a digit, but not which one) or not_a_digit (reason)."),
            Switch(
                ImageRequest.ExplainName,
                $"Adds which of the 28x28 pixels decided (explanation): squares of {Occlusion.PatchSize}x{Occlusion.PatchSize} pixels are hidden in turn, and each pixel gets the mean loss of the class's log-probability. "
                + $"One image a request; it counts as {1 + Occlusion.PatchCount} images in flight."),
        ];
        var schema = await context.GetOrCreateSchemaAsync(typeof(ClassifyRequest), null, cancellationToken);
        if (schema.Properties?["requests"] is OpenApiSchema requests)
        {
            requests.MinItems = 1;
            requests.MaxItems = context.ApplicationServices.GetRequiredService<MnistOptions>().MaxImagesPerRequest;
        }

        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = isLine
                ? $"Pictures (PNG, JPEG, BMP, GIF or WebP) of any size up to 12 megapixels, each of one line of at most {DigitLine.MaxDigits} separate digits, in standard base64."
                : "Image files (PNG, JPEG, BMP, GIF or WebP) of 28x28 grey pixels, a bright digit on a dark background, in standard base64; with normalize, of any pixels.",
            Content = new Dictionary<string, OpenApiMediaType> { [JsonBody.MediaType] = new() { Schema = schema } },
        };
    }

    private static OpenApiParameter Switch(string name, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.Boolean, Enum = [JsonValue.Create(true)] },
    };

    /// <summary>Whether a key is needed depends on the configuration; routes that allow anonymous access never need one.</summary>
    private static Task DescribeKey(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, context.Document)] = [] }];
            if (context.ApplicationServices.GetRequiredService<ApiKeyRing>().IsEmpty)
            {
                operation.Security.Add([]);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Names the problem types of each status, those of which there is an example.</summary>
    private static Task DescribeProblems(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        ContractExamples.AddTo(operation);
        foreach (var (status, response) in operation.Responses ?? [])
        {
            var kinds = ProblemKind.All.Where(kind => kind.Status.ToString(CultureInfo.InvariantCulture) == status
                && response.Content?.Values.Any(content => content.Examples?.ContainsKey(kind.Name) == true) == true).ToList();
            if (kinds.Count > 0)
            {
                response.Description = string.Join("; ", kinds.Select(kind => $"{kind.Title} ({kind.Type})"));
            }
        }

        return Task.CompletedTask;
    }
}
