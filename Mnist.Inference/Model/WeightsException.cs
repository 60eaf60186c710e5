namespace Mnist.Inference.Model;

/// <summary>A weights file cannot be used. The message is one line: path, what was found, what was expected.</summary>
public sealed class WeightsException : Exception
{
    public WeightsException()
    {
    }

    public WeightsException(string message)
        : base(message)
    {
    }

    public WeightsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Adds the file's path to the errors of <paramref name="read"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">May throw <see cref="InvalidDataException"/> or <see cref="InvalidArchitectureException"/>.</param>
    /// <exception cref="WeightsException">One of these was thrown; the message is one line.</exception>
    internal static T Locate<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidDataException or InvalidArchitectureException)
        {
            throw new WeightsException($"{path}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
