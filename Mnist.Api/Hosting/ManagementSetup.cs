namespace Mnist.Api.Hosting;

internal static class ManagementSetup
{
    /// <summary>What operators use: signals and the management port.</summary>
    public static void AddManagement(this IServiceCollection services)
    {
        services.AddSingleton<IHostLifetime, DrainingLifetime>();
        services.AddSingleton<ModelReloadHost>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelReloadHost>());
        services.AddHostedService<ManagementServer>();
    }
}
