namespace Mnist.Tests.Support;

/// <summary>Pictures for tests that need no network to be right about them.</summary>
internal static class TestDigits
{
    /// <summary>28x28 random pixels; the same seed gives the same picture.</summary>
    public static byte[] Pixels(int seed)
    {
        byte[] pixels = new byte[28 * 28];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }

    /// <summary>A PNG file of <see cref="Pixels"/>.</summary>
    public static byte[] Png(int seed = 0) => PngWriter.Encode(Pixels(seed));

    /// <summary>A PNG file in base64.</summary>
    public static string Base64(int seed = 0) => Convert.ToBase64String(Png(seed));
}
