using FluentValidation;

namespace Mnist.Core.Contract;

/// <summary>The limits of a request that could be read: number of images and size of each file.</summary>
public sealed class ClassifyRequestValidator : AbstractValidator<ClassifyRequest>
{
    /// <summary>Bytes of one image file. A 28x28 PNG needs less than 1 KiB; a file stuffed with metadata costs far more time than it has pixels.</summary>
    public const int MaxImageBytes = 16 * 1024;

    public ClassifyRequestValidator(MnistOptions options)
    {
        RuleFor(request => request.Requests.Count)
            .InclusiveBetween(1, options.MaxImagesPerRequest)
            .OverridePropertyName("requests")
            .WithMessage($"has {{PropertyValue}} images; expected 1 to {options.MaxImagesPerRequest}. Split a longer list into several requests.");

        When(request => request.Requests.Count <= options.MaxImagesPerRequest, () =>
            RuleForEach(request => request.Requests)
                .ChildRules(item => item.RuleFor(one => one.Image.Length)
                    .InclusiveBetween(1, MaxImageBytes)
                    .OverridePropertyName("image")
                    .WithMessage($"has {{PropertyValue}} bytes; expected an image file of 1 to {MaxImageBytes} bytes, without metadata."))
                .OverridePropertyName("requests"));
    }

    /// <summary>Adds to <paramref name="faults"/> what is wrong with <paramref name="request"/>, except for fields that are at fault already.</summary>
    public void Validate(ClassifyRequest request, RequestFaults faults)
    {
        foreach (var failure in Validate(request).Errors.Where(failure => !faults.Contains(failure.PropertyName)))
        {
            faults.AddToContract(failure.PropertyName, failure.ErrorMessage);
        }
    }
}
