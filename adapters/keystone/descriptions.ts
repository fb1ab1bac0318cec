/** One sentence for each setting of a password, for the configuration reference. */
export const keystoneDescriptions = {
  method: 'Kind of credential.',
  username: 'Name of the user.',
  password: 'Password of the user.',
  userDomain: 'Name of the domain of the user.',
  project: 'Name of the project the token is scoped to.',
  projectDomain: 'Name of the domain of that project.',
};
