using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Mnist.Core;

namespace Mnist.Api.Hosting;

/// <summary>The keys that open the service, each with its rate.</summary>
internal sealed class ApiKeyRing(MnistOptions options) : IDisposable
{
    private readonly Entry[] _entries = [.. options.ApiKeys.Select(Entry.Of)];

    public bool IsEmpty => _entries.Length == 0;

    /// <summary>The key's entry, or null. Takes the same time whichever key it is, and however much of it is right.</summary>
    public Entry? Find(ReadOnlySpan<char> key)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(key)];
        Encoding.UTF8.GetBytes(key, bytes);
        byte[] hash = SHA256.HashData(bytes);
        Entry? found = null;
        foreach (var entry in _entries)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, entry.Hash) ? entry : found;
        }

        return found;
    }

    public void Dispose()
    {
        foreach (var entry in _entries)
        {
            entry.Rate?.Dispose();
        }
    }

    /// <param name="Name">Who has the key.</param>
    /// <param name="Hash">SHA-256 of the key.</param>
    /// <param name="Rate">Holds one second's requests, and is filled every second; null: no limit.</param>
    public sealed record Entry(string Name, byte[] Hash, TokenBucketRateLimiter? Rate)
    {
        public static Entry Of(ApiKeySetting setting) => new(
            setting.Name,
            Convert.FromHexString(setting.Hash),
            setting.RequestsPerSecond == 0 ? null : new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
            {
                TokenLimit = setting.RequestsPerSecond,
                TokensPerPeriod = setting.RequestsPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            }));
    }
}
