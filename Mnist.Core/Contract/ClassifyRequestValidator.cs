using FluentValidation;

namespace Mnist.Core.Contract;

/// <summary>The limits of a request that could be read: number of images and size of each file.</summary>
public sealed class ClassifyRequestValidator : AbstractValidator<ClassifyRequest>
{
    /// <summary>Bytes of one image file. A 28x28 PNG needs less than 1 KiB; a file stuffed with metadata costs far more time than it has pixels.</summary>
    public const int MaxImageBytes = 16 * 1024;

    /// <summary>Bytes of one image file that is to be normalized: a photo of 12 megapixels in good quality.</summary>
    public const int MaxPhotoBytes = 10 * 1024 * 1024;

    /// <param name="options">The number of images.</param>
    /// <param name="normalize">Whether the images may be of any size.</param>
    public ClassifyRequestValidator(MnistOptions options, bool normalize = false)
    {
        int maxBytes = normalize ? MaxPhotoBytes : MaxImageBytes;
        string expected = normalize
            ? $"expected an image file of 1 to {MaxPhotoBytes} bytes. Scale a larger one down or save it as JPEG."
            : $"expected an image file of 1 to {MaxImageBytes} bytes, without metadata. Photos need 'normalize'.";
        RuleFor(request => request.Count)
            .InclusiveBetween(1, options.MaxImagesPerRequest)
            .OverridePropertyName("requests")
            .WithMessage($"has {{PropertyValue}} images; expected 1 to {options.MaxImagesPerRequest}. Split a longer list into several requests.");

        // A rule for each image would cost more than to read it.
        RuleFor(request => request.Requests).Custom((images, context) =>
        {
            for (int i = 0; i < images.Count && context.InstanceToValidate.Count <= options.MaxImagesPerRequest; i++)
            {
                if (images[i].Image.Length is var length && (length < 1 || length > maxBytes))
                {
                    context.AddFailure(ClassifyRequest.ImagePath(i), $"has {length} bytes; {expected}");
                }
            }
        });
    }

    /// <summary>Adds to <paramref name="faults"/> what is wrong with <paramref name="request"/>, except for fields that are at fault already.</summary>
    public void Validate(ClassifyRequest request, ValidationErrors faults)
    {
        foreach (var failure in Validate(request).Errors.Where(failure => !faults.Contains(failure.PropertyName)))
        {
            faults.AddToContract(failure.PropertyName, failure.ErrorMessage);
        }
    }
}
