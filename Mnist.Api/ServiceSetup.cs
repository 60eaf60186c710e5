using Microsoft.Extensions.Options;
using Mnist.Api.Errors;
using Mnist.Api.Intake;
using Mnist.Api.Operations;
using Mnist.Api.Security;
using Mnist.Core;
using Mnist.Core.Admission;
using Mnist.Core.Batching;
using Mnist.Core.Metrics;
using Mnist.Core.Models;
using Mnist.Core.Requests;
using Mnist.Core.Settings;

namespace Mnist.Api;

internal static class ServiceSetup
{
    /// <summary>The services of the request path, from the controllers to the engine.</summary>
    public static void AddClassification(this IServiceCollection services)
    {
        services.AddOptions<MnistOptions>()
            .BindConfiguration(MnistOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<MnistOptions>, OptionsValidation>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<MnistOptions>>().Value);

        services.AddSingleton<AdmissionControl>();
        services.AddSingleton<ProblemLog>();
        services.AddSingleton<ApiKeyRing>();
        services.AddSingleton<RequestIntake>();
        services.AddSingleton<ClassifyRequestReader>();
        services.AddSingleton<Classifier>();
        services.AddSingleton<Explainer>();
        services.AddSingleton<NumberReader>();
        services.AddSingleton<PhotoLimiter>();
        services.AddSingleton<DynamicBatcher>();
        services.AddSingleton<DigitModel>(provider => NetworkModel.Load(provider.GetRequiredService<MnistOptions>()));
        services.AddSingleton<ServerMetrics>();
    }

    /// <summary>The lifetime of the process: warm-up, signals, reload and the management port.</summary>
    public static void AddOperations(this IServiceCollection services)
    {
        services.AddSingleton<ModelReloader>();
        services.AddSingleton<WarmUp>();
        services.AddHostedService<EngineHost>();
        services.AddSingleton<IHostLifetime, DrainingLifetime>();
        services.AddSingleton<ModelReloadHost>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelReloadHost>());
        services.AddHostedService<ManagementServer>();
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
