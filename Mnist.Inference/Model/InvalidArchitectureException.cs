using System.Diagnostics.CodeAnalysis;

namespace Mnist.Inference.Model;

/// <summary>The layers do not form a network that this engine can run. The message names the layer, what was found and what was expected.</summary>
public sealed class InvalidArchitectureException : Exception
{
    public InvalidArchitectureException()
    {
    }

    public InvalidArchitectureException(string message)
        : base(message)
    {
    }

    public InvalidArchitectureException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal static void ThrowIf([DoesNotReturnIf(true)] bool condition, string message)
    {
        if (condition)
        {
            throw new InvalidArchitectureException(message);
        }
    }
}
