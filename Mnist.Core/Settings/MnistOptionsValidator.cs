using FluentValidation;

namespace Mnist.Core.Settings;

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
        RuleFor(options => options.StallTimeout).InclusiveBetween(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        RuleFor(options => options.MaxSelfTestErrors).InclusiveBetween(0, MnistOptions.SelfTestDigitCount);
        RuleFor(options => options.DrainDelay).InclusiveBetween(TimeSpan.Zero, TimeSpan.FromHours(1));
        RuleFor(options => options.ManagementUrl)
            .Must(url => url.Length == 0 || (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp))
            .WithMessage("'{PropertyName}' must be an address such as http://127.0.0.1:8001, or empty.");
        RuleForEach(options => options.ApiKeys)
            .Must(key => key.HasName).WithMessage("'Name' must have 1 to 64 letters, digits, '.', '_' or '-'.")
            .Must(key => key.HasHash).WithMessage("'Hash' must be the SHA-256 of a key, 64 hexadecimal digits; 'mnist key' makes both.")
            .Must(key => key.RequestsPerSecond is >= 0 and <= 1_000_000).WithMessage("'RequestsPerSecond' must be between 1 and 1000000, or 0 for no limit.")
            .Must((options, key) => options.ApiKeys.Count(other => other.Name == key.Name) == 1).WithMessage("'Name' must differ from those of the other keys.")
            .Must((options, key) => options.ApiKeys.Count(other => other.Hash.Equals(key.Hash, StringComparison.OrdinalIgnoreCase)) == 1)
            .WithMessage("'Hash' must differ from those of the other keys.");
    }
}
