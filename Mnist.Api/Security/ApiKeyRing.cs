using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Mnist.Core.Settings;

namespace Mnist.Api.Security;

/// <summary>The configured API keys, each with its rate limiter.</summary>
internal sealed class ApiKeyRing(MnistOptions options) : IDisposable
{
    private readonly Entry[] _entries = [.. options.ApiKeys.Select(Entry.Of)];

    public bool IsEmpty => _entries.Length == 0;

    /// <summary>The entry of a key, or null. Runs in constant time, whichever key it is and however much of it matches.</summary>
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

    /// <param name="Name">Name of the client.</param>
    /// <param name="Hash">SHA-256 of the key.</param>
    /// <param name="Rate">A token bucket of one second's requests, refilled every second; null: no limit.</param>
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
