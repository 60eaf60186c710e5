using FluentValidation;
using Mnist.Core.Settings;

namespace Mnist.Core.Requests;

/// <summary>The limits of a request that could be read: number of images and size of each file.</summary>
public sealed class ImageRequestValidator : AbstractValidator<ImageRequest>
{
    public ImageRequestValidator(MnistOptions options)
    {
        RuleFor(request => request.Count)
            .InclusiveBetween(1, options.MaxImagesPerRequest)
            .OverridePropertyName("requests")
            .WithMessage($"has {{PropertyValue}} images; expected 1 to {options.MaxImagesPerRequest}. Split a longer list into several requests.");

        // One rule for all images: a rule for each would cost more than reading the request.
        RuleFor(request => request.Files).Custom((files, context) =>
        {
            var request = context.InstanceToValidate;
            int maxBytes = request.Kind.MaxFileBytes;
            for (int i = 0; i < files.Count && request.Count <= options.MaxImagesPerRequest; i++)
            {
                if (files[i].Length is var length && (length < 1 || length > maxBytes) && !request.HasError(i))
                {
                    context.AddFailure(ImageRequest.ImagePath(i), $"has {length} bytes; {request.Kind.ExpectedFile}");
                }
            }
        });
    }

    /// <summary>Adds what is wrong to the request's errors, except for fields that have an error already.</summary>
    public void AddErrors(ImageRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        foreach (var failure in Validate(request).Errors.Where(failure => !request.Errors.Contains(failure.PropertyName)))
        {
            request.Errors.AddContractError(failure.PropertyName, failure.ErrorMessage);
        }
    }
}
