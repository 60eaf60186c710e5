using Microsoft.Extensions.Options;
using Mnist.Api.Controllers;
using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Observability;

namespace Mnist.Api.Hosting;

internal static class ClassificationSetup
{
    /// <summary>Everything between the controller and the engine.</summary>
    public static void AddClassification(this IServiceCollection services)
    {
        services.AddOptions<MnistOptions>()
            .BindConfiguration(MnistOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<MnistOptions>, OptionsValidation>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<MnistOptions>>().Value);

        services.AddSingleton<RequestParser>();
        services.AddSingleton<PhotoReader>();
        services.AddSingleton<ApiKeyRing>();
        services.AddSingleton<Admission>();
        services.AddSingleton<RequestIntake>();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton(provider => DigitModel.Load(provider.GetRequiredService<MnistOptions>()));
        services.AddSingleton<DynamicBatcher>();
        services.AddSingleton<LineReader>();
        services.AddSingleton<ModelReloader>();
        services.AddSingleton<WarmUp>();
        services.AddHostedService<EngineHost>();
    }

    private sealed class OptionsValidation : IValidateOptions<MnistOptions>
    {
        public ValidateOptionsResult Validate(string? name, MnistOptions options)
        {
            var result = new MnistOptionsValidator().Validate(options);
            return result.IsValid ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(result.Errors.Select(Describe));
        }

        private static string Describe(FluentValidation.Results.ValidationFailure failure) =>
            $"{MnistOptions.Section}:{failure.PropertyName}: {failure.ErrorMessage} Found: {failure.AttemptedValue}";
    }
}
