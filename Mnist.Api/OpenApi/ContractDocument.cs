using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Mnist.Api.Controllers;
using Mnist.Api.Errors;
using Mnist.Core.Contract;

namespace Mnist.Api.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>.</summary>
internal static class ContractDocument
{
    public static void AddContractDocument(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractJson.Default);
            options.SerializerOptions.TypeInfoResolverChain.Insert(1, ApiJson.Default);
        });
        services.AddOpenApi(options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo { Title = "Mnist", Version = "v1", Description = "Classifies images of handwritten digits." };
                return Task.CompletedTask;
            });
            options.AddOperationTransformer(DescribeClassifyAsync);
        });
    }

    /// <summary>The controller reads query and body itself, so the framework knows nothing of them.</summary>
    private static async Task DescribeClassifyAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (operation.OperationId != "Classify")
        {
            return;
        }

        operation.Parameters =
        [
            new OpenApiParameter
            {
                Name = ProbabilitiesSwitch.Name,
                In = ParameterLocation.Query,
                Description = "Adds the scores of the digits 0 to 9 to each response.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Boolean, Enum = [JsonValue.Create(true)] },
            },
        ];
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "Image files (PNG, JPEG, BMP, GIF or WebP) of 28x28 grey pixels, a bright digit on a dark ground, in standard base64.",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [MediaTypeGate.Json] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(ClassifyRequest), null, cancellationToken) },
            },
        };
    }
}
