using System.Diagnostics.CodeAnalysis;

namespace Mnist.Inference.Model;

/// <summary>A list of layers that does not form a network this engine can run.</summary>
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
