namespace Mnist.Inference.Model;

/// <summary>Writes files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Writes to a temporary file beside the target and renames it: a reader, or the next start after a power cut, never sees half a file.</summary>
    /// <param name="path">The target.</param>
    /// <param name="content">Its new content.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <exception cref="IOException">It cannot be written, or exists and may not be replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, byte[] content, bool overwrite)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew))
            {
                stream.Write(content);

                // The rename must not reach the disk before the content does.
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && exception.Message.Contains(temporary, StringComparison.Ordinal))
        {
            // The caller knows the target, not the temporary file.
            string message = exception.Message.Replace(temporary, path, StringComparison.Ordinal);
            throw exception is IOException ? new IOException(message, exception) : new UnauthorizedAccessException(message, exception);
        }
        finally
        {
            // In a folder that is missing, to delete is an error, which would hide the first one.
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }
}
