using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Mnist.Core.Requests;

/// <summary>Strict base64 (RFC 4648, section 4): standard alphabet, padded, no white space.</summary>
public static class Base64Text
{
    private static readonly SearchValues<byte> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    /// <summary>Decodes <paramref name="text"/>, or says in <paramref name="error"/> what is wrong with it and what to do, without quoting it.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out string? error)
    {
        bytes = null;
        error = null;

        // The platform's decoder skips white space, so the alphabet is checked first.
        if (text.Length % 4 != 0 || text.ContainsAnyExcept(Alphabet))
        {
            error = Diagnose(text);
            return false;
        }

        int padding = text.EndsWith("=="u8) ? 2 : text.EndsWith("="u8) ? 1 : 0;
        byte[] decoded = new byte[text.Length / 4 * 3 - padding];
        if (Base64.DecodeFromUtf8(text, decoded, out _, out _) != OperationStatus.Done)
        {
            error = Diagnose(text);
            return false;
        }

        bytes = decoded;
        return true;
    }

    private static string Diagnose(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("data:"u8))
        {
            return "is a data: URL; send only the base64 text that follows its comma.";
        }

        if (text.ContainsAny(" \t\r\n"u8))
        {
            return "has white space inside its base64 text; send it in one piece, without line breaks.";
        }

        if (text.ContainsAny((byte)'-', (byte)'_'))
        {
            return "uses the URL-safe base64 alphabet; use the standard one, with '+' for '-' and '/' for '_'.";
        }

        int foreign = text.IndexOfAnyExcept(Alphabet);
        if (foreign >= 0)
        {
            return $"is not base64: character {foreign + 1} is outside the standard alphabet (A-Z, a-z, 0-9, '+', '/', padded with '=').";
        }

        return text.Length % 4 != 0
            ? $"is not base64: it has {text.Length} characters, expected a multiple of 4; pad it with '='."
            : "is not base64: '=' may stand only at the end, at most twice.";
    }
}
