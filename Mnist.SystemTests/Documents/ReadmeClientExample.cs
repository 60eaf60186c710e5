using Microsoft.Extensions.DependencyInjection;
using Mnist.Client;

namespace Mnist.SystemTests.Documents;

/// <summary>The README's example; <see cref="ReadmeTests"/> holds that each of its lines stands here, and runs it.</summary>
internal static class ReadmeClientExample
{
    public static async Task<Classification> RunAsync(Uri address, string path)
    {
        var services = new ServiceCollection();
        services.AddMnistClient(options => options.BaseAddress = address);
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<MnistClient>();
        Classification answer = await client.ClassifyAsync(new FileInfo(path));
        return answer;
    }
}
