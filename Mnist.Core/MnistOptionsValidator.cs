using FluentValidation;

namespace Mnist.Core;

public sealed class MnistOptionsValidator : AbstractValidator<MnistOptions>
{
    public MnistOptionsValidator()
    {
        RuleFor(options => options.WeightsPath).NotEmpty();
        RuleFor(options => options.MaxImagesPerRequest).InclusiveBetween(1, 1024);
        RuleFor(options => options.MaxImagesInFlight).InclusiveBetween(1, 1 << 20);
        RuleFor(options => options.MaxImagesInFlight).GreaterThanOrEqualTo(options => options.MaxImagesPerRequest);
        RuleFor(options => options.MaxBatchSize).InclusiveBetween(1, 1024);
        RuleFor(options => options.Workers).InclusiveBetween(1, 1024);
        RuleFor(options => options.Deadline).InclusiveBetween(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
    }
}
